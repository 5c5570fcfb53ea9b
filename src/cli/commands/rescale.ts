import { Command, InvalidArgumentError } from 'commander'
import { movedSlots } from '../../contracts/slotMoves.ts'
import { mostShards } from '../../contracts/slotTable.ts'
import { wholeNumber } from '../arguments.ts'
import { withJob } from '../cluster.ts'
import { followMove, type MoveOptions } from '../followMove.ts'

/** Another number of shards for a job whose processes run. */
export function rescaleCommand(): Command {
  return withJob(new Command('rescale'))
    .description('give a running job with `members` another number of shards, and wait until its state has moved')
    .argument('<shards>', `number of shards, 1 to ${mostShards}`, numberOfShards)
    .option('--yes', 'do not ask first', false)
    .option('--json', 'print JSON, one line for each step', false)
    .action((shards: number, options: MoveOptions) =>
      followMove(options, ({ slots }) => ({ shards, slots: movedSlots(slots, shards) })),
    )
}

function numberOfShards(given: string): number {
  const shards = wholeNumber(given)
  if (shards >= 1 && shards <= mostShards) return shards
  throw new InvalidArgumentError(`It must be 1 to ${mostShards}.`)
}
