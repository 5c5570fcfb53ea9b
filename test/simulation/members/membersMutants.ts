/**
 * Rules of a job in several processes, each switched off by a small change to a copy of the sources (mutants/), with a schedule of
 * members that it has broken. The fences make most mistakes here harmless: what they leave is a shard that nobody runs, or a decision
 * by somebody to whom no plan gives the shard.
 */
import type { Mutant } from '../mutants/mutants.ts'

export interface MembersMutant extends Pick<Mutant, 'rule' | 'patches'> {
  readonly seed: number
  /** What the schedule says of it. */
  readonly finds: RegExp
}

const takeOver = 'job/takeOver.ts'
const overMembers = 'job/members/overMembers.ts'
const plans = 'kafka/ledger/kafkaPlans.ts'

export const membersMutants: Readonly<Record<string, MembersMutant>> = {
  'takeover-unasked': {
    rule: 'who takes over asks before the fence and after it whether it may',
    seed: 59,
    finds: /plan \d+ after \d+/,
    patches: [
      { file: takeOver, find: '  mayTakeOver(taking, seen)\n', replace: '' },
      { file: takeOver, find: '      mayTakeOver(taking, entry)\n      const mine', replace: '      const mine' },
    ],
  },
  'shard-of-another': {
    rule: 'a member claims only the shards that the plan gives to it',
    seed: 49,
    finds: /to whom plan \d+ does not give it/,
    patches: [
      {
        file: 'job/members/keptShards.ts',
        find: 'newest.owners[shard] === me,',
        replace: 'newest.owners[shard] !== undefined,',
      },
    ],
  },
  'plan-not-compared': {
    rule: 'a plan is written only where the plan before it is the newest one',
    seed: 39,
    finds: /plan (\d+) after \1$/m,
    patches: [
      {
        file: plans,
        find: 'if ((current?.number ?? 0) !== next.number - 1) throw',
        replace: 'if ((false as boolean) && current !== null) throw',
      },
    ],
  },
  'released-by-an-ordinary-checkpoint': {
    rule: 'only the final checkpoint lets a shard go',
    seed: 49,
    finds: /went on after it had released/,
    patches: [
      {
        file: takeOver,
        find: 'const released = final ? releases : undefined',
        replace: 'const released = releases',
      },
      {
        file: 'job/execution.ts',
        find: '      claim.releases = plan\n      stopping.abort()\n',
        replace: '      claim.releases = plan\n      sleep(clock, 1_500).then(() => stopping.abort())\n',
      },
      { file: 'job/execution.ts', find: 'onAbort, steadyClock', replace: 'onAbort, sleep, steadyClock' },
    ],
  },
  'released-yet-owned': {
    rule: 'who is named by the plan under which a shard was released may take it over',
    seed: 49,
    finds: /not quiet and balanced/,
    patches: [
      {
        file: takeOver,
        find: '(owner === me || released === plan)',
        replace: '(owner === me || (released === plan && released < 0))',
      },
    ],
  },
  'orphans-left': {
    rule: 'the shards of a dead member go to the others',
    seed: 157,
    finds: /has committed nothing for/,
    patches: [
      {
        file: 'members/placement.ts',
        find: '\n  saveOrphans()\n',
        replace: '\n  if (moves < 0) saveOrphans()\n',
      },
    ],
  },
  'group-loss-stops-shards': {
    rule: 'losing the group stops nobody',
    seed: 10,
    finds: /not quiet and balanced/,
    patches: [
      {
        file: overMembers,
        find: "if (reason !== null) tell({ type: 'group-lost', error: reason })",
        replace:
          "if (reason !== null) {\n            tell({ type: 'group-lost', error: reason })\n            shards?.end('cancel')\n          }",
      },
    ],
  },
  'stop-unheard': {
    rule: 'who stops the job stays until the others have heard of it',
    seed: 1,
    finds: /not stopped after/,
    patches: [
      {
        file: overMembers,
        find: ' && isKnown(order.at, membership)) return',
        replace: ' && isKnown(-Infinity, membership)) return',
      },
    ],
  },
}
