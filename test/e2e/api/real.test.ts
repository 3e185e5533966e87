import { realTarget } from '../../support/black-box.ts'
import { apiServerSuite } from './suite.ts'

apiServerSuite('the real API server', realTarget())
