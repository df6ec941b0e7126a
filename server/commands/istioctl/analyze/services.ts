/** pkg/config/analysis/analyzers/service/portname.go */
import { protocolOf, type Service } from '../istio-objects.ts';
import type { Finding } from './finding.ts';
import { isControlPlane, type Snapshot } from './snapshot.ts';

export function findPortNames(snapshot: Snapshot): Finding[] {
  return snapshot
    .of('services')
    .filter((service) => !isControlPlane(service))
    .flatMap(findOfService);
}

function findOfService(object: Service): Finding[] {
  const isExternal = object.spec?.type === 'ExternalName';
  return (object.spec?.ports ?? []).flatMap((port): Finding[] => {
    const isUnnamed = protocolOf(port) === 'UnsupportedProtocol';
    if (isExternal && (isUnnamed || port.name === 'tcp')) {
      const text =
        'Port name for ExternalName service is invalid. Proxy may prevent tcp named ports and unmatched traffic for ports serving TCP protocol from being forwarded correctly';
      return [{ level: 'Warning', code: 'IST0150', object, text }];
    }
    if (!isUnnamed) return [];
    const text = `Port name ${port.name ?? ''} (port: ${port.port}, targetPort: ${port.targetPort ?? port.port}) doesn't follow the naming convention of Istio port.`;
    return [{ level: 'Info', code: 'IST0118', object, text }];
  });
}
