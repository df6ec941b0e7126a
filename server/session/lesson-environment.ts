import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { LessonDefinition } from '../lessons/definition.ts';
import type { ToolChoice } from '../tool-choice.ts';
import type { ClusterGateway } from './cluster-gateway.ts';
import { createEmbeddedEnvironment } from './embedded-environment.ts';
import type { Environment } from './environment.ts';
import { createKubeconfigEnvironment } from './kubeconfig-environment.ts';
import type { RealCluster } from './real-cluster.ts';

/** What the environments of all lessons are made with. */
export interface EnvironmentDeps {
  gateway: ClusterGateway;
  /** Homes are made in this folder. */
  root: string;
  toolsDirectory: string;
  /** As in `FolderOptions`. */
  systemToolsDirectory?: () => Promise<string>;
  /** Whose tools every lesson gets; undefined leaves it to the lesson. */
  forcedTools?: ToolChoice | undefined;
  /** Of the page that shows the session, as `http://127.0.0.1:3000`. Default none. */
  origin?: string | undefined;
  /** What lessons with `environment: kubeconfig` run on, once somebody has agreed to it. Default none. */
  realCluster?: RealCluster | undefined;
}

/**
 * A new environment as the lesson asks for. Leaves nothing behind when it fails.
 * @throws UserError as the two kinds of environment do; CLUSTER_NOT_CHOSEN
 */
export function createLessonEnvironment(lesson: LessonDefinition, deps: EnvironmentDeps): Promise<Environment> {
  const { config, directory } = lesson;
  const folders = { files: join(directory, 'files'), urls: join(directory, 'urls') };
  if (config.environment === 'kubeconfig') {
    const { realCluster } = deps;
    if (!realCluster) {
      const message = 'this lesson runs on a cluster of a kubeconfig. Say on which with --cluster CONTEXT.';
      return Promise.reject(new UserError('CLUSTER_NOT_CHOSEN', message));
    }
    return createKubeconfigEnvironment({ ...deps, ...folders, realCluster, tools: config.tools, setup: config.setup });
  }
  const { images, tools, istio, openshift, setup } = config;
  const meshViewUrl = deps.origin && `${deps.origin}/lessons/${lesson.id}/mesh`;
  return createEmbeddedEnvironment({ ...deps, ...folders, images, tools, istio, openshift, setup, meshViewUrl });
}
