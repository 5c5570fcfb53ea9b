/** Every fault there is, in the order of the table. */
import type { Fault } from './fault.ts'
import { brokerKilled } from './kinds/brokerKilled.ts'
import { connectionsCut } from './kinds/connectionsCut.ts'
import { copies } from './kinds/copies.ts'
import { expired } from './kinds/expired.ts'
import { fullDisk } from './kinds/fullDisk.ts'
import { links } from './kinds/links.ts'
import { programKilled } from './kinds/programKilled.ts'
import { retention } from './kinds/retention.ts'
import { snapshots } from './kinds/snapshots.ts'
import { strangers } from './kinds/strangers.ts'

export const faults: readonly Fault[] = [
  ...programKilled,
  ...brokerKilled,
  ...connectionsCut,
  ...expired,
  ...links,
  ...copies,
  ...strangers,
  ...retention,
  ...snapshots,
  ...fullDisk,
]
