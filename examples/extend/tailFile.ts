import { open } from 'node:fs/promises'
import { FatalError, type Source, sleep } from 'rxweft/extend'

/** Reads the lines of a file that only grows. The offset of a line is its first byte. */
export function tailFile(path: string, pollInterval = 100): Source<string> {
  const split = { topic: path, partition: 0 }
  return {
    id: `tailFile:${path}`,
    maxInFlight: 10_000,
    async open({ clock, signal }) {
      const file = await open(path)
      let [offset, unread] = [0, Buffer.alloc(0)]
      return {
        resolve: async () => [{ ...split, offset: 0 }],
        async seek([start]) {
          offset = start?.offset ?? 0
          if (offset > (await file.stat()).size) throw new FatalError('OFFSET_OUT_OF_RANGE', `${path} is shorter`)
        },
        async poll() {
          if (unread.includes('\n')) return 'ready'
          const { bytesRead, buffer } = await file.read({ position: offset + unread.length })
          unread = Buffer.concat([unread, buffer.subarray(0, bytesRead)])
          if (bytesRead === 0) await sleep(clock, pollInterval, signal)
          return unread.includes('\n') ? 'ready' : 'empty'
        },
        drain(emit, _refuse, room = () => 1) {
          for (let left = room(); left > 0 && unread.includes('\n'); left = left > 1 ? left - 1 : room()) {
            const end = unread.indexOf('\n')
            emit(unread.toString('utf8', 0, end), 0, null, [], split, offset)
            offset += end + 1
            unread = unread.subarray(end + 1)
          }
        },
        position: () => [{ ...split, offset }],
        close: () => file.close(),
      }
    },
  }
}
