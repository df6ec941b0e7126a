import { signal } from '@preact/signals';
import { stored } from './stored.ts';

/** Names the mesh view in the hash of a lesson's address. */
const MESH_HASH = '#mesh';

/** Whether the mesh view is in front. The address may ask for it; the hash then goes back to naming a step. */
export const meshShown = signal(takeHash());

/** Whether the terminal stays in view below the mesh, on a wide screen. */
export const meshWithTerminal = stored('mesh-terminal', true, (text) =>
  text === 'true' ? true : text === 'false' ? false : null,
);

window.addEventListener('hashchange', () => {
  if (takeHash()) meshShown.value = true;
});

function takeHash(): boolean {
  if (location.hash !== MESH_HASH) return false;
  history.replaceState(null, '', location.pathname);
  return true;
}
