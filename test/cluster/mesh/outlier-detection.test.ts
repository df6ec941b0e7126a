import { expect, test } from 'vitest';
import type { IstioVersion } from '../../../cluster/index.ts';
import { eraOf } from '../../../cluster/mesh/era.ts';
import { OutlierDetection } from '../../../cluster/mesh/outlier-detection.ts';

/** How many of three endpoints that all fail are left out, with at most so many percent of them. */
test.each<[IstioVersion, number | undefined, number]>([
  ['1.6', undefined, 1],
  ['1.6', 33, 1],
  ['1.6', 50, 2],
  ['1.6', 100, 3],
  ['current', undefined, 0],
  ['current', 34, 1],
  ['current', 50, 1],
  ['current', 100, 3],
])('Istio %s with maxEjectionPercent %s leaves %i of three out', (istio, maxEjectionPercent, expected) => {
  const outliers = new OutlierDetection(eraOf(istio).ejects);
  const settings = { consecutive5xxErrors: 2, ...(maxEjectionPercent === undefined ? {} : { maxEjectionPercent }) };

  for (const host of ['a', 'b', 'c', 'a', 'b', 'c']) outliers.count(settings, host, 500, 3, 0);

  expect(outliers.ejected(1)).toBe(expected);
  expect(outliers.ejections.overflow).toBe(3 - expected);
});
