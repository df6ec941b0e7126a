/** The three probes of a container that runs. Kubernetes 1.32, pkg/kubelet/prober. */
import { type Clock } from '../../clock.ts';
import { type RunningContainer } from '../../containers/runtime.ts';
import { type PodContainer } from './pod-container.ts';
import { startProbe, type ProbedPod } from './prober.ts';

export interface ContainerProbesDeps {
  clock: Clock;
  probed: ProbedPod;
  /** `ready` or `started` of the container may have changed. */
  onChange(): void;
  /** It has started, as its startup probe says. */
  onStarted(): void;
  /** An event about what a probe found. */
  onUnhealthy(message: string): void;
  /** A probe has given it up. */
  kill(probe: 'liveness' | 'startup'): void;
}

/** Starts them: the startup probe first, and the others once it has passed. */
export function startProbes(deps: ContainerProbesDeps, one: PodContainer, running: RunningContainer): void {
  const { clock, probed, onUnhealthy } = deps;
  const { readinessProbe, livenessProbe, startupProbe } = one.spec;
  one.ready = false;
  one.started = !startupProbe;
  const begin = () => {
    one.started = true;
    if (!readinessProbe) one.ready = true;
    else {
      one.probes.push(
        startProbe(clock, one.spec, readinessProbe, running, probed, {
          onChange(ok) {
            one.ready = ok;
            deps.onChange();
          },
          onFailure: (message) => onUnhealthy(`Readiness probe failed: ${message}`),
        }),
      );
    }
    if (livenessProbe) {
      one.probes.push(
        startProbe(clock, one.spec, livenessProbe, running, probed, {
          onChange: (ok) => !ok && deps.kill('liveness'),
          onFailure: (message) => onUnhealthy(`Liveness probe failed: ${message}`),
        }),
      );
    }
  };
  if (!startupProbe) return begin();
  const startup = startProbe(clock, one.spec, startupProbe, running, probed, {
    onChange(ok) {
      startup.stop();
      if (!ok) return deps.kill('startup');
      begin();
      deps.onStarted();
    },
    onFailure: (message) => onUnhealthy(`Startup probe failed: ${message}`),
  });
  one.probes.push(startup);
}
