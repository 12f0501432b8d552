import { describe, expect, it } from 'vitest';
import { importReport } from './import-report.ts';

describe('an import report', () => {
  it('adds up exactly when every entry read has one outcome', () => {
    const report = importReport();
    expect(report.addsUp()).toBe(true);
    for (let i = 0; i < 4; i++) report.read('Patient');
    report.settled('Patient', 'taken');
    report.settled('Patient', 'known');
    report.settled('Patient', 'merged');
    expect(report.addsUp()).toBe(false);
    report.settled('Patient', 'left', 'no-name');
    expect(report.addsUp()).toBe(true);
    report.settled('Goal', 'taken');
    expect(report.addsUp()).toBe(false);
  });

  it('prints rows by type, totals, reasons and failed files', () => {
    const report = importReport();
    for (const type of ['Patient', 'Claim', 'Claim']) report.read(type);
    report.settled('Patient', 'taken');
    report.settled('Claim', 'left', 'no-id');
    report.settled('Claim', 'left', 'no-custodian');
    report.fileDone();
    report.fileFailed({ file: 'b.json', code: 'bundle-not-json', message: 'b.json:3:1: is not JSON' });
    expect(report.text()).toBe(
      [
        '| type    | entries | taken | already known | merged | left | why                     |',
        '| ------- | ------: | ----: | ------------: | -----: | ---: | ----------------------- |',
        '| Claim   |       2 |     0 |             0 |      0 |    2 | no-custodian 1, no-id 1 |',
        '| Patient |       1 |     1 |             0 |      0 |    0 |                         |',
        '| all     |       3 |     1 |             0 |      0 |    2 | no-custodian 1, no-id 1 |',
        '1 files read, 1 not',
        'bundle-not-json: b.json:3:1: is not JSON',
      ].join('\n'),
    );
    expect(JSON.parse(JSON.stringify(report.json()))).toEqual({
      files: 1,
      rows: [
        {
          type: 'Claim',
          entries: 2,
          taken: 0,
          known: 0,
          merged: 0,
          left: 2,
          reasons: { 'no-custodian': 1, 'no-id': 1 },
        },
        { type: 'Patient', entries: 1, taken: 1, known: 0, merged: 0, left: 0, reasons: {} },
      ],
      total: {
        type: 'all',
        entries: 3,
        taken: 1,
        known: 0,
        merged: 0,
        left: 2,
        reasons: { 'no-custodian': 1, 'no-id': 1 },
      },
      failed: [{ file: 'b.json', code: 'bundle-not-json', message: 'b.json:3:1: is not JSON' }],
    });
  });
});
