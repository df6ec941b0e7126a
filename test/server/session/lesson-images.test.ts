import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createWorkplace } from '../../../server/cli/workplace.ts';
import { createEmbeddedEnvironment } from '../../../server/session/embedded-environment.ts';
import { createTempLesson } from './temp-lesson.ts';

const KUBECTL = fileURLToPath(new URL('../../../dist/commands/kubectl.cjs', import.meta.url));

const CONFIG = `title: { en: Test, es: Prueba }
summary: { en: A test., es: Una prueba. }
minutes: 1
level: beginner
setup: [pods.yaml]
images:
  - image: example.com/cart
    paths: { /: { body: "a cart\\n" } }
`;

const PODS = `apiVersion: v1
kind: Pod
metadata: { name: cart, labels: { app: cart } }
spec: { containers: [{ name: cart, image: "example.com/cart:v7" }] }
---
apiVersion: v1
kind: Service
metadata: { name: cart }
spec: { selector: { app: cart }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: client }
spec: { containers: [{ name: client, image: curlimages/curl, command: [sleep, infinity] }] }
`;

test('a pod from an image of the lesson answers another pod', async () => {
  const folder = await createTempLesson('## Step\n', { 'lesson.yaml': CONFIG, 'setup/pods.yaml': PODS });
  const workplace = await createWorkplace(KUBECTL);
  const { config } = await folder.load();
  const environment = await createEmbeddedEnvironment({
    ...workplace,
    images: config.images,
    setup: config.setup,
    files: null,
  });
  try {
    const kubectl = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)('kubectl', args, { env: environment.checkEnv })).stdout;
    await kubectl('wait', '--for=condition=Ready', 'pod/cart', 'pod/client');

    expect(await kubectl('exec', 'client', '--', 'curl', '-s', 'http://cart/')).toBe('a cart\n');
  } finally {
    await environment.dispose();
    await workplace.dispose();
    await folder.dispose();
  }
});
