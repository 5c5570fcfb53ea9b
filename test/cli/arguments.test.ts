import { describe, expect, it } from 'vitest'
import { statusArguments, usage } from '../../src/cli/arguments.ts'

describe('the command line of rxweft', () => {
  it('has brokers, a configuration, a job, a prefix, and two ways to print', () => {
    expect(statusArguments(['status', '--brokers', 'a:1,b:2', '--job', 'j'])).toEqual({
      ...{ brokers: ['a:1', 'b:2'], config: null, job: 'j', prefix: 'rxweft', watch: false, json: false },
    })
    const all = ['status', '--brokers', 'a:1', '--job', 'j', '--prefix', 'p', '--watch', '--json']
    expect(statusArguments(all)).toMatchObject({ prefix: 'p', watch: true, json: true })
    expect(statusArguments(['status', '--config', 'c.json', '--job', 'j'])).toMatchObject({
      brokers: null,
      config: 'c.json',
    })
    expect(statusArguments(['--help'])).toBeNull()
  })

  it.each([
    [['status', '--job', 'j'], '--brokers is missing, or --config'],
    [['status', '--brokers', 'a:1'], '--job is missing'],
    [['move', '5'], '"move 5" is not a command'],
    [['status', '--nonsense'], "Unknown option '--nonsense'"],
  ])('says what is wrong with %j', (given, what) => {
    expect(() => statusArguments(given)).toThrow(what)
    expect(() => statusArguments(given)).toThrow(usage)
  })
})
