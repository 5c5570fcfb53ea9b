/** All scenarios. `node --import tsx test/flink/scenarios.ts` prints them as JSON, as Flink gets them. */
import { pathToFileURL } from 'node:url'
import { toJson } from './json.ts'
import type { Scenario } from './scenario.ts'
import { combinedScenarios } from './scenarios/combined.ts'
import { countScenarios } from './scenarios/counts.ts'
import { extremeScenarios } from './scenarios/extremes.ts'
import { intervalJoinScenarios } from './scenarios/intervalJoins.ts'
import { keyScenarios } from './scenarios/keys.ts'
import { latenessScenarios } from './scenarios/lateness.ts'
import { lateSessionScenarios } from './scenarios/lateSessions.ts'
import { randomScenarios } from './scenarios/randomScenarios.ts'
import { restoreScenarios } from './scenarios/restores.ts'
import { sessionScenarios } from './scenarios/sessions.ts'
import { slidingScenarios } from './scenarios/sliding.ts'
import { sourceScenarios } from './scenarios/sources.ts'
import { timerScenarios } from './scenarios/timers.ts'
import { tumblingScenarios } from './scenarios/tumbling.ts'
import { watermarkScenarios } from './scenarios/watermarks.ts'
import { windowJoinScenarios } from './scenarios/windowJoins.ts'

export const scenarios: readonly Scenario[] = [
  ...tumblingScenarios,
  ...slidingScenarios,
  ...sessionScenarios,
  ...latenessScenarios,
  ...lateSessionScenarios,
  ...countScenarios,
  ...keyScenarios,
  ...watermarkScenarios,
  ...extremeScenarios,
  ...restoreScenarios,
  ...intervalJoinScenarios,
  ...windowJoinScenarios,
  ...timerScenarios,
  ...sourceScenarios,
  ...combinedScenarios,
  ...randomScenarios,
]

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(toJson(scenarios))
