import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Spinner } from '../controls/icon.tsx';
import { messages } from '../state/navigation.ts';
import type { Session } from '../state/session.ts';

/** Where the mesh view goes; its code comes with the first look at it. */
export function MeshPlace({ session }: { session: Session }) {
  const [View, setView] = useState<ComponentType<{ session: Session }> | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    import('./mesh-view.tsx').then(
      (module) => setView(() => module.MeshView),
      () => setFailed(true),
    );
  }, []);
  const t = messages.value.mesh;
  return (
    <div class="mesh-place">
      {View !== null ? (
        <View session={session} />
      ) : (
        <p class="mesh-view__quiet" role={failed ? 'alert' : undefined}>
          {failed ? (
            t.loadFailed
          ) : (
            <>
              <Spinner /> {t.loading}
            </>
          )}
        </p>
      )}
    </div>
  );
}
