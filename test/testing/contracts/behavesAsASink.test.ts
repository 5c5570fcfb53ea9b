/** The contract test of sinks: ours pass it, and a sink that breaks a rule is found out by that rule. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memorySink, text } from 'rxweft'
import { embeddedLog, embeddedSink } from 'rxweft/embedded'
import type { Json, SinkWriter, StreamRecord, TransactionalSink } from 'rxweft/extend'
import { behavesAsASink, type TestedSink } from 'rxweft/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { jsonLines } from '../../../examples/extend/jsonLines.ts'
import { expectBroken } from './broken.ts'

const values = ['a', 'b', 'c', 'd', 'e', 'f']

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'rxweft-sink-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

describe('behavesAsASink', () => {
  it('lets a sink in memory pass', async () => {
    const make = (): TestedSink<string> => {
      const sink = memorySink<string>()
      return { sink, visible: () => sink.committed }
    }
    await behavesAsASink(make, { values })
  })

  it('lets the sink of an embedded log pass, which has a ledger of its own', async () => {
    const make = async (): Promise<TestedSink<string>> => {
      const log = embeddedLog(join(await folder(), 'log'))
      onTestFinished(() => log.close())
      log.createTopic('out', { partitions: 1 })
      const visible = () => [...log.read('out', 0)].map(({ value }) => text.decode(value as Buffer))
      return { sink: embeddedSink(log, { topic: 'out', value: text }), visible }
    }
    await behavesAsASink(make, { values })
  })

  it('lets a sink of JSON lines pass', async () => {
    const make = async (): Promise<TestedSink<Json>> => {
      const written = await folder()
      return { sink: jsonLines(written), visible: () => linesOf(written) }
    }
    await behavesAsASink<Json>(make, { values: [1, 'two', null, { four: 4 }, [5], true] })
  })

  it('wants values, and a sink that is exactly once', async () => {
    const loose: TransactionalSink<string> = { ...memorySink<string>(), guarantee: 'at-least-once' }
    const make = (sink: TransactionalSink<string>) => () => ({ sink, visible: () => [] })
    await expect(behavesAsASink(make(memorySink()), { values: ['a'] })).rejects.toMatchObject({ code: 'BAD_OPTION' })
    await expect(behavesAsASink(make(loose), { values })).rejects.toMatchObject({ code: 'BAD_OPTION' })
  })
})

/** The values of all files, in the order of their checkpoints. */
async function linesOf(path: string): Promise<readonly unknown[]> {
  const files = (await readdir(path)).filter((name) => name.endsWith('.jsonl'))
  const inOrder = files.sort((x, y) => Number.parseInt(x, 10) - Number.parseInt(y, 10))
  const lines = await Promise.all(inOrder.map((name) => readFile(join(path, name), 'utf8')))
  return lines.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line))
}

/** A target, and the right way to write to it; each mutant does one thing otherwise. */
interface Target {
  readonly rows: string[]
  readonly prepared: Map<string, readonly string[]>
}

function mutant(change: (right: SinkWriter<string>, target: Target) => Partial<SinkWriter<string>>) {
  return (): TestedSink<string> => {
    const target: Target = { rows: [], prepared: new Map() }
    const sink: TransactionalSink<string> = {
      id: 'mutant',
      guarantee: 'exactly-once',
      async open({ attempt, credits }) {
        const right = rightWriter(target, attempt, credits)
        return { ...right, ...change(right, target) }
      },
    }
    return { sink, visible: () => target.rows }
  }
}

function rightWriter(
  { rows, prepared }: Target,
  attempt: string,
  credits: { take(): void; give(records: number): void },
): SinkWriter<string> {
  let written: string[] = []
  return {
    write({ value }) {
      written.push(value)
      credits.take()
    },
    async prepare(checkpoint) {
      const taken = written
      written = []
      credits.give(taken.length)
      prepared.set(`${attempt}/${checkpoint}`, taken)
      return `${attempt}/${checkpoint}`
    },
    async commit(_, handle) {
      rows.push(...(prepared.get(handle as string) ?? []))
      prepared.delete(handle as string)
    },
    async discardOthers(decided) {
      for (const handle of prepared.keys()) if (handle !== decided) prepared.delete(handle)
    },
    close: async () => undefined,
  }
}

const kept: StreamRecord<string>[] = []

describe('behavesAsASink finds out a sink', () => {
  it.each<[string, string, ReturnType<typeof mutant>]>([
    [
      'that shows records as they are written',
      'shows nothing before its checkpoint is decided',
      mutant((_, { rows }) => ({ write: ({ value }) => void rows.push(value) })),
    ],
    [
      'that commits as it prepares',
      'shows nothing before its checkpoint is decided',
      mutant((right) => ({
        async prepare(checkpoint) {
          const handle = await right.prepare(checkpoint)
          await right.commit?.(checkpoint, handle)
          return handle
        },
      })),
    ],
    [
      'that never commits',
      'shows nothing before its checkpoint is decided, and all of it afterwards',
      mutant(() => ({ commit: async () => undefined })),
    ],
    [
      'that takes what is written while it prepares into the same checkpoint',
      'counts what is written after prepare',
      mutant((right) => ({
        async prepare(checkpoint) {
          await Promise.resolve()
          return right.prepare(checkpoint)
        },
      })),
    ],
    [
      'that commits twice',
      'shows a checkpoint once',
      mutant((_, { rows, prepared }) => ({
        commit: async (_checkpoint, handle) => void rows.push(...(prepared.get(handle as string) ?? [])),
      })),
    ],
    [
      'that cannot commit what another attempt has prepared',
      'shows what is decided although it was killed',
      mutant((right) => {
        const own = new Set<Json>()
        return {
          async prepare(checkpoint) {
            const handle = await right.prepare(checkpoint)
            own.add(handle)
            return handle
          },
          async commit(checkpoint, handle) {
            if (own.has(handle)) await right.commit?.(checkpoint, handle)
          },
        }
      }),
    ],
    [
      'that drops nothing, and finds what it has prepared by its checkpoint',
      'drops what was prepared and not decided',
      mutant((right, { rows, prepared }) => ({
        discardOthers: async () => undefined,
        async commit(checkpoint) {
          for (const [handle, taken] of prepared) {
            if (!handle.endsWith(`/${checkpoint}`)) continue
            rows.push(...taken)
            prepared.delete(handle)
          }
          void right
        },
      })),
    ],
    [
      'that drops what is decided',
      'keeps its checkpoints apart over many restarts',
      mutant((right, { prepared }) => {
        void right
        return {
          discardOthers: async () => prepared.clear(),
          commit: async () => undefined,
        }
      }),
    ],
    [
      'whose buffer outlives the attempt',
      'drops what was written and not prepared',
      mutant((right) => ({
        write(record) {
          kept.push(record)
        },
        async prepare(checkpoint) {
          for (const record of kept.splice(0)) right.write(record)
          return right.prepare(checkpoint)
        },
      })),
    ],
    [
      'that keeps its credits',
      'gives back the credits',
      mutant((right, { prepared }) => ({
        async prepare(checkpoint) {
          const handle = `${checkpoint}`
          prepared.set(handle, [])
          void right
          return handle
        },
      })),
    ],
    [
      'whose handle a ledger cannot keep',
      'shows nothing before its checkpoint is decided, and all of it afterwards',
      mutant((right, { rows, prepared }) => ({
        async prepare(checkpoint) {
          const handle = await right.prepare(checkpoint)
          const taken = prepared.get(handle as string) ?? []
          return new Map([['rows', taken]]) as unknown as Json
        },
        commit: async (_, handle) =>
          void rows.push(...((handle as unknown as Map<string, string[]>).get('rows') ?? [])),
      })),
    ],
  ])('%s', async (_, rule, make) => {
    await expectBroken(behavesAsASink(make, { values }), rule)
  })
})
