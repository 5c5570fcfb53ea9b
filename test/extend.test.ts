/** Exports of the package's entries: `rxweft` for jobs, `rxweft/extend` for extensions. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as main from 'rxweft'
import * as extend from 'rxweft/extend'
import { describe, expect, it } from 'vitest'

const source = (path: string): string => readFileSync(join(import.meta.dirname, '../src', path), 'utf8')

/** Names of types and values in the export statements of an entry. */
function exportedBy(entry: string): readonly string[] {
  const lists = [...source(entry).matchAll(/^export (?:type )?\{([^}]*)\}/gms)].map(([, list = '']) => list)
  return lists.flatMap((list) => [...list.matchAll(/(?:type )?(\w+)\s*(?:,|$)/g)].map(([, name = '']) => name))
}

describe('rxweft/extend', () => {
  it('exports the values that extensions are made of', () => {
    const made = [
      'checkOptions',
      'asStream',
      'idle',
      'ofShard',
      'operate',
      'sleep',
      'streamRecord',
      'watermark',
      'withKey',
      'withState',
      'withValue',
    ]
    const errors = ['CorruptedError', 'FatalError', 'FencedError', 'RetriableError', 'RxweftError']
    expect(Object.keys(extend).sort()).toEqual([...errors, ...made].sort())
  })

  it('exports every contract that an operator, source, sink, ledger or storage implements or is given', () => {
    const operators = ['StreamOperator', 'Step', 'Services', 'BarrierWatch', 'Credits', 'Stage', 'BadRecords']
    const sources = ['Source', 'SourceReader', 'Emit', 'Refuse', 'Room', 'Hold', 'Split', 'SplitOffset']
    const sinks = ['TransactionalSink', 'SinkWriter', 'Committable', 'LateRefusals', 'Guarantee']
    const decisions = ['Ledger', 'LedgerSession', 'LedgerEntry', 'SnapshotRef', 'CheckpointStorage']
    const attempts = ['AttemptContext', 'Resource', 'Clock', 'Notice', 'Probe']
    expect(exportedBy('extend.ts')).toEqual(
      expect.arrayContaining([...operators, ...sources, ...sinks, ...decisions, ...attempts]),
    )
  })

  it('throws the same errors as rxweft', () => {
    expect(extend.FatalError).toBe(main.FatalError)
    expect(extend.RetriableError).toBe(main.RetriableError)
  })

  it.each(['contracts/ledger.ts', 'contracts/storage.ts'])('marks every contract of %s as experimental', (file) => {
    const documented = [...source(file).matchAll(/(\/\*\*(?:(?!\*\/).)*\*\/)\nexport interface (\w+)/gs)]
    const names = [...source(file).matchAll(/^export interface (\w+)/gm)].map(([, name]) => name)
    expect(documented.map(([, , name]) => name)).toEqual(names)
    expect(documented.filter(([, doc = '']) => !doc.includes('@experimental'))).toEqual([])
    expect(names.length).toBeGreaterThan(0)
  })
})

describe('rxweft', () => {
  it('exports by name', () => {
    expect(source('index.ts')).not.toMatch(/export (?:type )?\*/)
    expect(source('extend.ts')).not.toMatch(/export (?:type )?\*/)
    expect(exportedBy('index.ts')).toContain('defineJob')
  })

  it('keeps the insides of the runner, and the contracts that only extensions need, to itself', () => {
    const inside = ['AttemptContext', 'BadRecords', 'BarrierWatch', 'Credits', 'Resource', 'Services', 'Stage']
    const contracts = ['Emit', 'Ledger', 'LedgerSession', 'Refuse', 'SinkWriter', 'SourceReader', 'Step', 'operate']
    expect(exportedBy('index.ts').filter((name) => [...inside, ...contracts].includes(name))).toEqual([])
  })
})
