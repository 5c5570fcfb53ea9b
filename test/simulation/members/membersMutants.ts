/**
 * Rules of a job in several processes, each switched off by a small change to a copy of the sources (mutants/), with a schedule of
 * members that it has broken. The fences make most mistakes here harmless: what they leave is a shard that nobody runs, or a decision
 * by somebody to whom no plan gives the shard.
 */
import type { Mutant } from '../mutants/mutants.ts'

export interface MembersMutant extends Pick<Mutant, 'rule' | 'patches'> {
  /** Schedule that it has broken; null: none has been seen to, so far. */
  readonly seed: number | null
  /** What the schedule says of it. */
  readonly finds: RegExp
}

const takeOver = 'job/takeOver.ts'
const overMembers = 'job/members/overMembers.ts'
const plans = 'kafka/ledger/kafkaPlans.ts'

export const membersMutants: Readonly<Record<string, MembersMutant>> = {
  'takeover-unasked': {
    rule: 'who takes over asks before the fence and after it whether it may',
    seed: 4,
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
        find: 'const mine = newest.owners[shard] === me',
        replace: 'const mine = newest.owners[shard] !== undefined',
      },
    ],
  },
  'plan-not-compared': {
    rule: 'a plan is written only where the plan before it is the newest one',
    seed: 41,
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
    seed: 19,
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
  'kept-too-early': {
    rule: 'the savepoint of a stopped job waits until every shard was let go',
    seed: 5,
    finds: /behind the savepoint/,
    patches: [{ file: 'job/savepoints/decidedCut.ts', find: ' && (!atRest || isReleased(entry))', replace: '' }],
  },
  'released-yet-owned': {
    rule: 'who is named by the plan under which a shard was released may take it over',
    seed: 2,
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
    seed: 349,
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
    seed: 39,
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
        find: ' && isKnown(current, membership)) {',
        replace: ') {',
      },
    ],
  },
  'plan-from-generation': {
    rule: 'a plan has the number after the plan before it, whatever round the group is in',
    seed: 1,
    finds: /not quiet and balanced|has committed nothing for/,
    patches: [
      {
        file: 'members/planner.ts',
        find: 'return { ...plan, number: plan.number + 1, owners, members }\n}\n\nfunction entry',
        replace: 'return { ...plan, number: alive.length + 1, owners, members }\n}\n\nfunction entry',
      },
    ],
  },
  'taken-unreleased': {
    rule: 'a member that is ready waits until the owner has let the shard go',
    seed: 1,
    finds: /is well and has not released it/,
    patches: [
      { file: 'job/shards/keeper.ts', find: 'facts.free || now - state.since >= patience', replace: 'now >= 0' },
    ],
  },
  'release-before-commit': {
    rule: 'a shard is free once its final checkpoint is committed, and not when its owner says that it takes it',
    seed: 196,
    finds: /is well and has not released it/,
    patches: [
      {
        file: 'job/members/shardFacts.ts',
        find: "doing !== 'running' && doing !== 'releasing'",
        replace: "doing !== 'running'",
      },
    ],
  },
  'released-too-early': {
    rule: 'a member lets a shard go when the one that gets it is ready, and not before',
    seed: 1,
    finds: /released before .* was ready for it/,
    patches: [{ file: 'job/shards/keeper.ts', find: '(!mine && facts.targetReady)', replace: '!mine' }],
  },
  'handed-over-twice': {
    rule: 'a shard is taken over under the newest plan, not under the one by which it was opened',
    seed: 24,
    finds: /ms after it was released/,
    patches: [{ file: 'job/recover.ts', find: '    claim.number = admission.number\n', replace: '' }],
  },
  'evicted-comes-back': {
    rule: 'of two processes with one name, the one that was there first ends',
    seed: 19,
    finds: /plans without end/,
    patches: [
      {
        file: 'job/members/planFollower.ts',
        find: 'if (Object.keys(replaced).some((member) => !earlier.has(member))) throw instanceTaken(me.instance)',
        replace: '',
      },
    ],
  },
  'idle-counts-as-stuck': {
    rule: 'a shard that says that it is idle is not stuck',
    seed: 3,
    finds: /says that a shard is stuck/,
    patches: [
      { file: 'job/members/stuckShards.ts', find: '(report.idle ? longestPause : 0)', replace: '0 * longestPause' },
    ],
  },
  'stuck-left': {
    rule: 'a shard that makes no progress where it is goes to another member',
    seed: 675,
    finds: /has committed nothing for/,
    patches: [{ file: 'members/placement.ts', find: '\n  moveStuck()\n', replace: '\n  if (moves < 0) moveStuck()\n' }],
  },
  'hung-run-kept': {
    rule: 'a shard that comes back to the thread in which it hung begins anew in another one',
    seed: null,
    finds: /has committed nothing for|not quiet and balanced/,
    patches: [{ file: 'job/members/keptShards.ts', find: ' || (mine && kept.hasLeft && hangs)', replace: '' }],
  },
  'failed-moves-on': {
    rule: 'a shard that has failed for good stays with its member',
    seed: 3132,
    finds: /has failed at .*, and is run elsewhere/,
    patches: [{ file: 'members/planner.ts', find: 'ended: which(hasEnded)', replace: 'ended: which(() => false)' }],
  },
  'leaves-never': {
    rule: 'whoever leaves ends in the end, although a thread of it hangs',
    seed: 129,
    finds: /was asked to leave/,
    patches: [
      { file: overMembers, find: "if (orders.isStranded()) shards.end('cancel')", replace: 'orders.isStranded()' },
      { file: 'job/shards/main/hangWatch.ts', find: '  hangs(silence())\n', replace: '  silence()\n' },
    ],
  },
}
