import { expect, test } from 'vitest';
import { isMeshAddress } from '../../../client/state/mesh-address.ts';

const page = { origin: 'http://127.0.0.1:3000', pathname: '/es/lessons/bookinfo-mtls' };

test.each([
  ['http://127.0.0.1:3000/lessons/bookinfo-mtls/mesh', true],
  ['http://127.0.0.1:3000/lessons/other/mesh', false],
  ['http://127.0.0.1:3001/lessons/bookinfo-mtls/mesh', false],
  ['http://127.0.0.1:3000/es/lessons/bookinfo-mtls', false],
  ['https://istio.io/', false],
  ['no address', false],
])('%s is the mesh view of this page: %s', (address, expected) => {
  expect(isMeshAddress(address, page)).toBe(expected);
});
