/** What frameworks need to reach what their driver reaches; see runtime/detours.ts. */
export { takingDetours } from '../runtime/detours.ts';
