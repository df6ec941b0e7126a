import { describe, expect, it } from 'vitest';
import {
  alignColumns,
  DESCRIBE_OPTIONS,
  TABLE_OPTIONS,
} from '../../../../../server/commands/kubectl/output/tabwriter.ts';

describe('alignColumns', () => {
  it('pads to the widest cell and leaves the last one alone', () => {
    expect(alignColumns('NAME\tAGE\na-long-name\t5s\n', TABLE_OPTIONS)).toBe('NAME          AGE\na-long-name   5s\n');
  });

  it('pads a cell before an empty last one', () => {
    expect(alignColumns('NAME\tMESSAGE\tERROR\na\tok\t\n', TABLE_OPTIONS)).toBe(
      'NAME   MESSAGE   ERROR\na      ok        \n',
    );
  });

  it('aligns only adjacent lines with one another', () => {
    expect(alignColumns('Name:\tx\nContainers:\n  a-long-title:\ty\n', DESCRIBE_OPTIONS)).toBe(
      'Name:  x\nContainers:\n  a-long-title:  y\n',
    );
  });

  it('never makes a column narrower than before', () => {
    const options = { ...TABLE_OPTIONS, remembered: [] };

    alignColumns('a-long-name\tx\n', options);

    expect(alignColumns('b\ty\n', options)).toBe('b             y\n');
  });
});
