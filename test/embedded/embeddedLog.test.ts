import { Buffer } from 'node:buffer'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { open } from 'lmdb'
import { describe, expect, it } from 'vitest'
import { embeddedLog } from '../../src/embedded/embeddedLog.ts'
import { rejectionOf, thrownBy } from '../../tools/support/thrown.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { openLog, temporaryLog, valuesOf } from './temporaryLog.ts'

describe('an embedded log', () => {
  it('returns the appended records, with their offsets', async () => {
    const log = await temporaryLog({ t: 1 })
    const headers = [
      { name: 'h', value: Buffer.from('1') },
      { name: 'h', value: null },
    ]
    await log.append('t', [{ value: 'a', key: 'k', timestamp: 5, headers }])
    await log.append('t', [
      { value: null, timestamp: 6 },
      { value: Buffer.from([0, 255]), timestamp: 7 },
    ])
    expect([...log.read('t', 0)]).toEqual([
      { offset: 0, timestamp: 5, key: Buffer.from('k'), value: Buffer.from('a'), headers },
      { offset: 1, timestamp: 6, key: null, value: null, headers: [] },
      { offset: 2, timestamp: 7, key: null, value: Buffer.from([0, 255]), headers: [] },
    ])
    expect(log.end('t', 0)).toBe(3)
  })

  it('gives a record the time at which it came, if it has none', async () => {
    const log = await temporaryLog({ t: 1 })
    const before = Date.now()
    await log.append('t', [{ value: 'a' }])
    const [record] = [...log.read('t', 0)]
    expect(record?.timestamp).toBeGreaterThanOrEqual(before)
    expect(record?.timestamp).toBeLessThanOrEqual(Date.now())
  })

  it('keeps partitions and topics apart', async () => {
    const log = await temporaryLog({ t: 2, u: 1 })
    await log.append('t', [
      { value: 'a', partition: 0 },
      { value: 'b', partition: 1 },
      { value: 'c', partition: 0 },
    ])
    await log.append('u', [{ value: 'x' }])
    expect(valuesOf(log, 't', 0)).toEqual(['a', 'c'])
    expect(valuesOf(log, 't', 1)).toEqual(['b'])
    expect(valuesOf(log, 'u')).toEqual(['x'])
  })

  it('reads from any offset on', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.append('t', [{ value: 'a' }, { value: 'b' }])
    await log.append('t', [{ value: 'c' }])
    for (const [from, offsets] of [
      [0, [0, 1, 2]],
      [1, [1, 2]],
      [2, [2]],
      [3, []],
    ] as const) {
      expect([...log.read('t', 0, from)].map(({ offset }) => offset)).toEqual(offsets)
    }
  })

  it('keeps the order of many and of large records', async () => {
    const log = await temporaryLog({ t: 1 })
    const values = Array.from({ length: 3_000 }, (_, at) => `${at}`.repeat(at % 97))
    await log.append(
      't',
      values.map((value) => ({ value })),
    )
    await log.append('t', [{ value: Buffer.alloc(1_000_000, 'x') }, { value: 'after' }])
    expect(valuesOf(log, 't').slice(0, 3_000)).toEqual(values)
    expect(valuesOf(log, 't').at(-1)).toBe('after')
    expect(log.end('t', 0)).toBe(3_002)
  })

  it('appends all of the records or none', async () => {
    const log = await temporaryLog({ t: 2 })
    const error = await rejectionOf(log.append('t', [{ value: 'a' }, { value: 'b', partition: 2 }]))
    expect(error).toMatchObject({ code: 'NO_SUCH_PARTITION', consequence: 'fatal' })
    expect(await rejectionOf(log.append('t', [{ value: 'a' }, { value: 7 as never }]))).toMatchObject({
      code: 'RECORD_NOT_WRITABLE',
    })
    expect(valuesOf(log, 't')).toEqual([])
  })

  it('says which topics there are where one is missing', async () => {
    const log = await temporaryLog({ lines: 1 })
    for (const error of [
      await rejectionOf(log.append('line', [{ value: 'a' }])),
      thrownBy(() => log.read('line', 0)),
      thrownBy(() => log.end('line', 0)),
    ]) {
      expect(error).toMatchObject({ code: 'TOPIC_MISSING', message: expect.stringContaining('its topics are: lines') })
    }
  })

  it('refuses partitions that a topic does not have', async () => {
    const log = await temporaryLog({ t: 1 })
    for (const partition of [1, -1, 0.5]) {
      expect(thrownBy(() => log.read('t', partition))).toMatchObject({ code: 'NO_SUCH_PARTITION' })
    }
  })

  it('creates a topic once, whoever asks again', async () => {
    const log = await temporaryLog({ t: 2 })
    await log.append('t', [{ value: 'a' }])
    log.createTopic('t', { partitions: 2 })
    expect(valuesOf(log, 't')).toEqual(['a'])
    expect(log.topics()).toEqual([{ name: 't', partitions: 2 }])
    expect(thrownBy(() => log.createTopic('t', { partitions: 3 }))).toMatchObject({ code: 'TOPIC_EXISTS' })
  })

  it.each(['', '.', '..', 'a b', 'a/b', 'ä', 'x'.repeat(250)])('has no topic %j', async (name) => {
    const log = await temporaryLog()
    expect(thrownBy(() => log.createTopic(name, { partitions: 1 }))).toMatchObject({ code: 'BAD_OPTION' })
  })

  it.each([0, -1, 1.5, Number.NaN, 10_001])('has no topic of %d partitions', async (partitions) => {
    const log = await temporaryLog()
    expect(thrownBy(() => log.createTopic('t', { partitions }))).toMatchObject({ code: 'BAD_OPTION' })
  })

  it('is there again when it is opened again', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.append('t', [{ value: 'a' }])
    await log.close()
    const again = openLog(log.file)
    await again.append('t', [{ value: 'b' }])
    expect(valuesOf(again, 't')).toEqual(['a', 'b'])
  })

  it('is one file, and one for its locks', async () => {
    const log = await temporaryLog({ t: 1 })
    expect((await stat(log.file)).isFile()).toBe(true)
    expect((await stat(`${log.file}-lock`)).isFile()).toBe(true)
  })

  it('refuses everything after it was closed', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.close()
    expect(await rejectionOf(log.append('t', [{ value: 'a' }]))).toMatchObject({ code: 'LOG_CLOSED' })
    for (const use of [
      () => log.read('t', 0),
      () => log.end('t', 0),
      () => log.topics(),
      () => log.createTopic('u', { partitions: 1 }),
    ]) {
      expect(thrownBy(use)).toMatchObject({ code: 'LOG_CLOSED', consequence: 'fatal' })
    }
    await log.close()
  })
})

describe('the file of an embedded log', () => {
  it('may lie in folders that are not there yet', async () => {
    const log = openLog(join(await temporaryFolder(), 'deep/er/log'))
    log.createTopic('t', { partitions: 1 })
    expect(log.topics()).toHaveLength(1)
  })

  it.each([
    ['a note', Buffer.from('do not overwrite me')],
    ['zeros', Buffer.alloc(20_000)],
    ['noise', Buffer.alloc(20_000, 7)],
  ])('that holds %s is left alone', async (_, content) => {
    const file = join(await temporaryFolder(), 'log')
    await writeFile(file, content)
    expect(thrownBy(() => embeddedLog(file))).toMatchObject({
      code: 'LOG_DAMAGED',
      consequence: 'corrupted',
      where: { file },
    })
    expect((await stat(file)).size).toBe(content.length)
  })

  it('cannot be a folder', async () => {
    const file = join(await temporaryFolder(), 'log')
    await mkdir(file)
    expect(thrownBy(() => embeddedLog(file))).toMatchObject({ code: 'LOG_NOT_OPENED', consequence: 'fatal' })
  })

  it('that is another LMDB file is left alone', async () => {
    const file = join(await temporaryFolder(), 'log')
    const other = open({ path: file, noSubdir: true, overlappingSync: false })
    await other.put('mine', 1)
    await other.close()
    expect(thrownBy(() => embeddedLog(file))).toMatchObject({ code: 'LOG_DAMAGED', consequence: 'corrupted' })
  })

  it.each([
    [{ magic: 'rxweft-log', version: 2 }, 'LOG_NEWER'],
    [{ magic: 'else', version: 1 }, 'LOG_DAMAGED'],
    ['no JSON', 'LOG_DAMAGED'],
  ])('whose format is %j is not read', async (format, code) => {
    const log = await temporaryLog()
    await log.close()
    const root = open({ path: log.file, noSubdir: true, overlappingSync: false })
    const text = typeof format === 'string' ? format : JSON.stringify(format)
    await root.openDB<string, string[]>('about', { encoding: 'string' }).put(['format'], text)
    await root.close()
    expect(thrownBy(() => embeddedLog(log.file))).toMatchObject({ code, consequence: 'corrupted' })
  })
})

describe('an embedded log that several have open', () => {
  it('shows each what the others append', async () => {
    const log = await temporaryLog({ t: 1 })
    const other = openLog(log.file)
    await log.append('t', [{ value: 'a' }])
    expect(valuesOf(other, 't')).toEqual(['a'])
    await other.append('t', [{ value: 'b' }])
    expect(valuesOf(log, 't')).toEqual(['a', 'b'])
    other.createTopic('upper', { partitions: 1 })
    expect(log.topics().map(({ name }) => name)).toEqual(['t', 'upper'])
  })

  it('takes what two processes append at the same time', { timeout: 60_000 }, async () => {
    const log = await temporaryLog({ t: 2 })
    const children = ['a', 'b'].map((name) => appender(log.file, name, 200))
    for (let at = 0; at < 200; at++) {
      await log.append('t', [{ value: `c${at}` }])
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const child of children) expect(await child).toBe(0)
    const values = valuesOf(log, 't') as string[]
    for (const name of ['a', 'b', 'c']) {
      const own = values.filter((value) => value.startsWith(name))
      expect(own).toEqual(Array.from({ length: 200 }, (_, at) => `${name}${at}`))
    }
    expect([...log.read('t', 0)].map(({ offset }) => offset)).toEqual(Array.from({ length: 600 }, (_, at) => at))
  })
})

describe('an embedded log that cannot grow', () => {
  it('refuses what does not fit, with its reason, and stays intact', async () => {
    const log = await temporaryLog({ t: 1 })
    const entry = JSON.stringify(join(import.meta.dirname, '../../src/embedded/index.ts'))
    const program = `
      const { embeddedLog } = await import(${entry})
      const log = embeddedLog(${JSON.stringify(log.file)})
      for (let at = 0; ; at += 10) {
        const ten = Array.from({ length: 10 }, (_, n) => ({ value: String(at + n).padEnd(10_000) }))
        await log.append('t', ten).catch((error) => {
          console.log(error.code, error.consequence, log.end('t', 0) === at)
          process.exit(0)
        })
      }`
    // No file may have more than 2 MiB (blocks of 1,024 bytes).
    const limited = spawn('bash', ['-c', 'ulimit -f 2048; exec "$@"', '-', process.execPath, ...evaluating(program)])
    const said: string[] = []
    limited.stdout.on('data', (bytes) => said.push(String(bytes)))
    await once(limited, 'close')
    expect(said.join('').trim()).toBe('LOG_NOT_WRITTEN retriable true')
    await log.append('t', [{ value: 'after' }])
    const values = valuesOf(log, 't').map((value) => value?.trim())
    expect(values.slice(0, -1)).toEqual(values.slice(0, -1).map((_, at) => String(at)))
    expect(values.length).toBeGreaterThan(50)
    expect(values.at(-1)).toBe('after')
  })
})

const evaluating = (program: string): string[] => ['--import', 'tsx', '--input-type=module', '-e', program]

/** A process that appends so many records, one by one; resolves with its exit code. */
async function appender(file: string, name: string, count: number): Promise<number | null> {
  const entry = join(import.meta.dirname, '../../src/embedded/index.ts')
  const program = `
    const { embeddedLog } = await import(${JSON.stringify(entry)})
    const log = embeddedLog(${JSON.stringify(file)})
    for (let at = 0; at < ${count}; at++) await log.append('t', [{ value: ${JSON.stringify(name)} + at }])
    await log.close()`
  const child = spawn(process.execPath, evaluating(program), { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}
