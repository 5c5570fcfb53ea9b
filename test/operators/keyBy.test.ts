import { describe, expect, it } from 'vitest'
import { keyBy } from '../../src/operators/keyBy.ts'
import type { Key, StreamRecord } from '../../src/record.ts'
import { run, testServices } from '../../src/testing/index.ts'
import { behavesAsAnOperator, failsAt, noB } from './contract.ts'

describe('keyBy', () => {
  behavesAsAnOperator(keyBy((_, { key }) => (typeof key === 'string' ? key : 'none')))

  const keysOf = (f: (value: string, record: StreamRecord<string>) => Key, picture: string) =>
    run(keyBy(f), picture).elements.flatMap((e) => (e.kind === 'record' ? [e.key] : []))

  it('gives each record its key, and to the function the record', () => {
    expect(keysOf((letter) => letter.toUpperCase(), 'R-a-b-1-a-|')).toEqual(['A', 'B', 'A'])
    expect(keysOf((_, { offset }) => offset, 'R-a-b-1-a-|')).toEqual([0, 1, 2])
  })

  it('replaces the key that was there', () => {
    const twice = run(
      (source) =>
        source.pipe(
          keyBy(() => 1),
          keyBy((_, { key }) => `${key}`),
        ),
      'R-a-|',
    )
    expect(twice.elements[1]).toMatchObject({ key: '1' })
  })

  it('errors if the function throws, and names the place', () => {
    expect(run(keyBy(noB), 'R-a-1-b-c-|')).toMatchObject({ marbles: 'R-a-1-#', error: failsAt('keyBy') })
  })

  it.each([
    [null, 'null'],
    [undefined, 'of type undefined'],
    [NaN, 'NaN'],
    [{ id: 1 }, 'of type object'],
    ['\uD800', 'a string with a lone surrogate'],
  ])('refuses %j as a key: the record is to blame', (key, what) => {
    const services = testServices({ onError: 'skip' })
    const bad = keyBy((letter: string) => (letter === 'b' ? (key as string) : letter))
    expect(run(bad, 'R-a-b-c-|', { services }).marbles).toBe('R-a---c-|')
    const { error } = run(bad, 'R-a-b-c-|')
    expect(error).toMatchObject({
      code: 'NO_KEY',
      consequence: 'fatal',
      badRecord: true,
      where: { operator: 'keyBy', topic: 'marbles', partition: 0, offset: 1 },
      message: expect.stringContaining(what),
      hint: expect.stringContaining('onError'),
    })
  })

  it('says of a key only what kind of thing it is', () => {
    const { error } = run(
      keyBy(() => ['secret'] as never),
      'R-a-|',
    )
    expect(String(error)).not.toContain('secret')
  })
})
