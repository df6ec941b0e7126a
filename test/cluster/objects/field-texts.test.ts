import { expect, it } from 'vitest';
import { parseTexts } from '../../../cluster/objects/schema/field-texts.ts';
import { messageNames, messageOf } from '../../../cluster/objects/schema/schemas.ts';
import { APPS_TEXTS } from '../../../cluster/objects/schema/texts/apps.ts';
import { CORE_TEXTS } from '../../../cluster/objects/schema/texts/core.ts';
import * as groups from '../../../cluster/objects/schema/texts/groups.ts';
import { ISTIO_NETWORKING_TEXTS, ISTIO_SECURITY_TEXTS } from '../../../cluster/objects/schema/texts/istio.ts';
import { META_TEXTS } from '../../../cluster/objects/schema/texts/meta.ts';
import { OPENSHIFT_TEXTS } from '../../../cluster/objects/schema/texts/openshift.ts';

it.each([
  [['apps'], APPS_TEXTS],
  [['autoscaling', 'autoscalingv2'], groups.AUTOSCALING_TEXTS],
  [['batch'], groups.BATCH_TEXTS],
  [['core'], CORE_TEXTS],
  [['discovery'], groups.DISCOVERY_TEXTS],
  [['istionetworking'], ISTIO_NETWORKING_TEXTS],
  [['istiosecurity'], ISTIO_SECURITY_TEXTS],
  [['meta'], META_TEXTS],
  [['networking'], groups.NETWORKING_TEXTS],
  [['openshift'], OPENSHIFT_TEXTS],
  [['policy'], groups.POLICY_TEXTS],
  [['rbac'], groups.RBAC_TEXTS],
  [['storage'], groups.STORAGE_TEXTS],
])('texts of %s are about types and fields that there are', (packages, source) => {
  const known = new Set(
    packages.flatMap((name) =>
      messageNames(name).flatMap((type) => [
        type,
        ...messageOf(`${name}.${type}`).fields.map((field) => `${type}.${field.name}`),
      ]),
    ),
  );

  const named = [...parseTexts('', source)].flatMap(([type, { fields }]) => [
    type,
    ...[...fields.keys()].map((field) => `${type}.${field}`),
  ]);

  expect(named.filter((name) => !known.has(name))).toEqual([]);
});
