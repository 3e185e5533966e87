import type { Route } from '../route.ts'
import { finding } from './finding.ts'
import { health } from './health.ts'
import { healthz } from './healthz.ts'
import { metrics } from './metrics.ts'
import { readyz } from './readyz.ts'
import { recommendations } from './recommendations.ts'
import { snapshot } from './snapshot.ts'
import { status } from './status.ts'

/** All that the API answers; a new route is one file and one line here. */
export const ROUTES: readonly Route[] = [recommendations, finding, status, health, healthz, readyz, snapshot, metrics]
