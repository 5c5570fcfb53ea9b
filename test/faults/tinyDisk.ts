/** A file system of a few hundred KB, in memory, that can be filled to the last byte. Only root may mount one. */
import { execFile } from 'node:child_process'
import { appendFile, chmod, mkdtemp, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { endGuard } from '../../tools/broker/endGuard.ts'

const run = promisify(execFile)

export interface TinyDisk {
  readonly folder: string
  /** Takes what is free at the moment. */
  fill(): Promise<void>
  /** Gives back what `fill` has taken. */
  free(): Promise<void>
  unmount(): Promise<void>
}

/** Rejects where it cannot be mounted. */
export async function tinyDisk(): Promise<TinyDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-disk-'))
  await run('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=700', 'tmpfs', folder]).catch(async (error) => {
    await rmdir(folder)
    throw error
  })
  await chmod(folder, 0o700)
  const guard = endGuard('umount -l "$1"; rmdir "$1"', [folder])
  const filler = join(folder, 'filler')
  return {
    folder,
    async fill() {
      for (;;) {
        const full = await appendFile(filler, Buffer.alloc(4_096)).then(
          () => false,
          () => true,
        )
        if (full) return
      }
    },
    free: () => rm(filler, { force: true }),
    async unmount() {
      await run('umount', ['-l', folder])
      guard.dismiss()
      await rmdir(folder)
    },
  }
}
