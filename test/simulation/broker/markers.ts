/** Writes the markers of a decided transaction, each after a while of its own: until the last one is there the transaction is not over. */

import { isReplicated } from './controller.ts'
import type { Shared } from './handler.ts'
import type { Transaction } from './transactions.ts'

type Parts = Pick<Shared, 'agenda' | 'moods' | 'topology' | 'groups' | 'progressed'>

/** How long until a marker is tried again that its leader cannot take, or not replicate, ms. */
const again = 20

export function writeMarkers(
  parts: Parts,
  { producerId, epoch }: Transaction,
  committed: boolean,
  places: readonly string[],
  done: () => void,
): void {
  const { agenda, moods, topology, groups } = parts
  let left = places.length

  function attempt(place: string): void {
    const [kind = '', name = '', partition = ''] = place.split(' ')
    const led = topology.find(name, Number(partition))
    if (kind === 'group') groups.mark(name, producerId, committed)
    else if (led !== undefined && isReplicated(topology, led)) led.log.mark(producerId, epoch, committed, led.epoch)
    else return void agenda.after(again, () => attempt(place))
    left -= 1
    if (left === 0) done()
    parts.progressed()
  }

  if (left === 0) agenda.after(moods.markerDelay(), done)
  for (const place of places) agenda.after(moods.markerDelay(), () => attempt(place))
}
