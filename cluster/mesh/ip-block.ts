import { BlockList, isIPv4 } from 'node:net';

/** Whether an address lies in a block such as `10.0.0.0/8`, or is the one address. What is no block holds nothing. */
export function isInBlock(block: string, ip: string): boolean {
  const [network = '', length] = block.split('/');
  const family = isIPv4(network) ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  try {
    list.addSubnet(network, length === undefined ? (family === 'ipv4' ? 32 : 128) : Number(length), family);
    return list.check(ip, isIPv4(ip) ? 'ipv4' : 'ipv6');
  } catch {
    // Not an address: istiod refuses it at admission; stored all the same, it selects nobody.
    return false;
  }
}
