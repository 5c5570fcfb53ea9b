import { Command } from 'commander'
import type { Plan } from '../../contracts/plan.ts'
import { withSlots } from '../../contracts/slotMoves.ts'
import { parseSlots } from '../../contracts/slotsText.ts'
import type { WantedSlots } from '../../members/slotMoves.ts'
import { wholeNumber } from '../arguments.ts'
import { withJob } from '../cluster.ts'
import { followMove, type MoveOptions } from '../followMove.ts'
import { exitCodes, Refusal } from '../tell.ts'

interface Options extends MoveOptions {
  readonly slots: string
  readonly to: number
}

/** Single slots of a job whose processes run, such as a busy partition. */
export function moveCommand(): Command {
  return withJob(new Command('move'))
    .description('give slots of a running job with `members` to another shard, such as that of a busy partition')
    .requiredOption('--slots <slots>', 'slots, such as 3,4 or 0-8/2; partition p has slot p % number of slots')
    .requiredOption('--to <shard>', 'shard that gets them', wholeNumber)
    .option('--yes', 'do not ask first', false)
    .option('--json', 'print JSON, one line for each step', false)
    .action((options: Options) => followMove(options, (plan) => wanted(plan, options)))
}

function wanted({ slots, owners }: Plan, { slots: text, to }: Options): WantedSlots {
  const given = parseSlots(text, slots.length)
  if (given === null || given.length === 0) {
    throw new Refusal(`--slots ${text}: give slots from 0 to ${slots.length - 1}`, exitCodes.wrongArguments)
  }
  if (to >= owners.length) {
    throw new Refusal(`--to ${to}: the job has the shards 0 to ${owners.length - 1}`, exitCodes.wrongArguments)
  }
  return { shards: owners.length, slots: withSlots(slots, given, to) }
}
