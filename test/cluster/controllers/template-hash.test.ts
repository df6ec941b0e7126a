import { expect, test } from 'vitest';
import { templateHash } from '../../../cluster/controllers/template-hash.ts';
import type { PodTemplate } from '../../../cluster/objects/kinds/workload-types.ts';

const template = (image: string): PodTemplate =>
  ({
    metadata: { labels: { app: 'web' } },
    spec: {
      containers: [
        {
          image,
          imagePullPolicy: 'IfNotPresent',
          name: 'nginx',
          ports: [{ containerPort: 80, name: 'http', protocol: 'TCP' }],
          readinessProbe: {
            failureThreshold: 3,
            httpGet: { path: '/', port: 'http', scheme: 'HTTP' },
            periodSeconds: 5,
            successThreshold: 1,
            timeoutSeconds: 1,
          },
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    },
  }) as unknown as PodTemplate;

// As a real control plane of Kubernetes 1.36.2 named the ReplicaSets of these templates.
test.each([
  ['nginx:1.26', '64dd9498b5'],
  ['nginx:1.27', '57998774'],
])('the hash of a template with %s is that of a real control plane', (image, hash) => {
  expect(templateHash(template(image))).toBe(hash);
});

test('a collision gives another hash', () => {
  expect(templateHash(template('nginx:1.26'), 1)).not.toBe(templateHash(template('nginx:1.26')));
});
