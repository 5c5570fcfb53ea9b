import { once } from 'node:events'
import { createWriteStream, existsSync, promises as fs, type WriteStream } from 'node:fs'
import { basename, join } from 'node:path'
import type { Json, TransactionalSink } from 'rxweft/extend'

/** Writes JSON lines, exactly once: a file for each checkpoint, which is renamed when the checkpoint is decided. */
export function jsonLines(folder: string): TransactionalSink<Json> {
  const pathOf = (name: Json): string => join(folder, String(name))
  return {
    id: `jsonLines:${folder}`,
    guarantee: 'exactly-once',
    async open({ attempt, credits, fail }) {
      let [part, parts] = [undefined as WriteStream | undefined, 0]
      await fs.mkdir(folder, { recursive: true })
      const entries = await fs.open(folder)
      return {
        write({ value }) {
          part ??= createWriteStream(pathOf(`${attempt}-${parts++}.pending`), { flush: true }).on('error', fail)
          part.write(`${JSON.stringify(value)}\n`, () => credits.give())
          credits.take()
        },
        async prepare() {
          const written = part
          part = undefined
          if (written !== undefined) await once(written.end(), 'close').then(() => entries.sync())
          return written === undefined ? null : basename(String(written.path))
        },
        async commit(checkpoint, handle) {
          if (existsSync(pathOf(handle))) await fs.rename(pathOf(handle), pathOf(`${checkpoint}.jsonl`))
          await entries.sync()
        },
        async discardOthers(kept) {
          const pending = (await fs.readdir(folder)).filter((name) => name.endsWith('.pending') && name !== kept)
          for (const name of pending) await fs.rm(pathOf(name), { force: true })
        },
        close: () => entries.close(),
      }
    },
  }
}
