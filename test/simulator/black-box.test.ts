import { simulatedTarget } from '../support/black-box.ts'
import { apiServerSuite } from '../e2e/api/suite.ts'

apiServerSuite('the simulated API server', simulatedTarget())
