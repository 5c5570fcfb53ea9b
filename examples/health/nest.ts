/**
 * Probes of an orchestrator as a module of NestJS: `imports: [healthModule(job)]`. The decorators are
 * called as functions, so that no option of the compiler is needed.
 */
import 'reflect-metadata'
import { Controller, type DynamicModule, Get, Inject, Module, ServiceUnavailableException } from '@nestjs/common'
import type { JobHandle, JobHealth } from 'rxweft'

const job = Symbol('job')

class HealthController {
  constructor(private readonly running: Pick<JobHandle, 'health'>) {}

  ready(): JobHealth {
    return orUnavailable(this.running.health(), 'ready')
  }

  live(): JobHealth {
    return orUnavailable(this.running.health(), 'live')
  }
}

function orUnavailable(health: JobHealth, what: 'ready' | 'live'): JobHealth {
  if (!health[what]) throw new ServiceUnavailableException(health)
  return health
}

Controller()(HealthController)
Inject(job)(HealthController, undefined, 0)
for (const name of ['ready', 'live'] as const) {
  const method = Object.getOwnPropertyDescriptor(HealthController.prototype, name)
  if (method !== undefined) Get(name)(HealthController.prototype, name, method)
}

class HealthModule {}
Module({})(HealthModule)

export function healthModule(running: Pick<JobHandle, 'health'>): DynamicModule {
  return {
    module: HealthModule,
    controllers: [HealthController],
    providers: [{ provide: job, useValue: running }],
  }
}
