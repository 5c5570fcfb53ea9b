/** The contract test of sources: ours pass it, and a source that breaks a rule is found out by that rule. */
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memorySource, RetriableError, text } from 'rxweft'
import { embeddedLog, embeddedSource } from 'rxweft/embedded'
import type { Source, SourceReader } from 'rxweft/extend'
import { behavesAsASource } from 'rxweft/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tailFile } from '../../../examples/extend/tailFile.ts'
import { expectBroken } from './broken.ts'

const partitions = [
  ['a', 'b', 'c', 'd', 'e'],
  ['f', 'g', 'h'],
]
const records = 8

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'rxweft-source-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

describe('behavesAsASource', () => {
  it('lets a source in memory pass, bounded or not', async () => {
    await behavesAsASource(memorySource({ partitions, key: (value) => value, timestamp: () => 7 }), { records })
    await behavesAsASource(memorySource({ partitions, unbounded: true }), { records })
  })

  it('lets the source of an embedded log pass', async () => {
    const log = embeddedLog(join(await folder(), 'log'))
    onTestFinished(() => log.close())
    log.createTopic('lines', { partitions: 2 })
    await log.append(
      'lines',
      [...'abcdefgh'].map((value, at) => ({ partition: at % 2, value })),
    )
    await behavesAsASource(embeddedSource(log, { topic: 'lines', value: text }), { records })
  })

  it('lets a source that tails a file pass, and leaves out a line that is there only in part', async () => {
    const file = join(await folder(), 'lines')
    await appendFile(file, 'one\ntwo\n\nfür vier\nfive\nsi')
    await behavesAsASource(tailFile(file, 1), { records: 5 })
    await appendFile(file, 'x\n')
    await behavesAsASource(tailFile(file, 1), { records: 6 })
  })

  it('wants records', async () => {
    await expect(behavesAsASource(memorySource(['a']), { records: 1 })).rejects.toMatchObject({ code: 'BAD_OPTION' })
  })
})

/** The source in memory, with a reader that does something otherwise. */
function changed(change: (reader: SourceReader<string>) => Partial<SourceReader<string>>): Source<string> {
  const source = memorySource({ partitions })
  return {
    ...source,
    async open(attempt) {
      const reader = await source.open(attempt)
      return { ...reader, ...change(reader) }
    },
  }
}

const moved = (reader: SourceReader<string>, by: number) =>
  reader.position().map((split) => ({ ...split, offset: Math.max(0, split.offset + by) }))

let shared: SourceReader<string> | undefined

describe('behavesAsASource finds out a source', () => {
  it.each<[string, string, Source<string>]>([
    [
      'whose position is one too low: a record is read twice',
      'has its position behind each record',
      changed((reader) => ({ position: () => moved(reader, -1) })),
    ],
    [
      'whose position is one too high: a record is lost',
      'reads on from each of its positions',
      changed((reader) => ({ position: () => moved(reader, 1) })),
    ],
    [
      'whose position is that of the whole batch',
      'reads on from each of its positions',
      changed((reader) => ({
        position: () =>
          reader.position().map((split) => ({ ...split, offset: partitions[split.partition]?.length ?? 0 })),
      })),
    ],
    [
      'that does not seek',
      'reads on from each of its positions',
      changed((reader) => ({ seek: async () => reader.seek(await reader.resolve()) })),
    ],
    [
      'that starts again where an offset is not there',
      'refuses an offset that is not there',
      changed((reader) => ({ seek: (splits) => reader.seek(splits).catch(() => undefined) })),
    ],
    [
      'whose error would be tried again for ever',
      'refuses an offset that is not there',
      changed((reader) => ({
        seek: (splits) =>
          reader.seek(splits).catch(() => {
            throw new RetriableError('GONE', 'gone')
          }),
      })),
    ],
    [
      'that does not ask for room',
      'emits as many records as there is room for',
      changed((reader) => ({ drain: (emit, refuse) => reader.drain(emit, refuse) })),
    ],
    [
      'that names a split twice',
      'resolves its start offsets',
      changed((reader) => ({ resolve: async () => [...(await reader.resolve()), ...(await reader.resolve())] })),
    ],
    [
      'whose reader is shared by all attempts',
      'emits what the reader of another attempt has emitted',
      changed((reader) => {
        shared ??= reader
        return { ...shared, close: async () => undefined }
      }),
    ],
    [
      'that loses a record on the way',
      'emits its records',
      changed((reader) => ({
        drain: (emit, refuse, room) =>
          reader.drain((...record) => (record[5] === 1 ? undefined : emit(...record)), refuse, room),
      })),
    ],
  ])('%s', async (_, rule, source) => {
    await expectBroken(behavesAsASource(source, { records }), rule)
  })

  it('that ends, and then does not know it any more', async () => {
    const source = memorySource({ partitions })
    const forgetting: Source<string> = {
      ...source,
      async open(attempt) {
        const reader = await source.open(attempt)
        let ended = false
        const poll = async () => {
          const found = ended ? 'ready' : await reader.poll()
          ended = found === 'end'
          return found
        }
        return { ...reader, poll }
      },
    }
    await expectBroken(behavesAsASource(forgetting, { records }), 'ends behind its last record')
  })
})
