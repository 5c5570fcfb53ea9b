/**
 * A full disk: snapshots cannot be stored, attempts fail, nothing is decided; once there is room,
 * the job continues by itself.
 */
import { cp } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { tinyDisk } from '../tinyDisk.ts'

const full: Fault = {
  name: 'full disk',
  short: 1,
  async impossible() {
    return tinyDisk().then(
      (disk) => disk.unmount().then(() => null),
      () => 'a tmpfs cannot be mounted here: that takes root',
    )
  },
  async inject(site) {
    await site.stop()
    const disk = await tinyDisk()
    site.atEnd(disk.unmount)
    await cp(site.checkpoints, disk.folder, { recursive: true })
    site.checkpoints = disk.folder
    const program = await site.running()
    let over = false
    const failed = program.untilSaid(/STORAGE_IO[\s\S]*STORAGE_IO/).finally(() => {
      over = true
    })
    // Whatever the job removes meanwhile is room again.
    const filling = (async () => {
      for (; !over; await pause(5)) await disk.fill()
    })()
    await site.lines.feedUntil(failed)
    await filling
    await disk.free()
  },
}

export const fullDisk: readonly Fault[] = [full]
