import { labJobs } from './jobs/lab.ts';
import { serve } from './serve.ts';

// A worker of its own: what the lab needs of the library makes the one of the story no larger.
serve(labJobs);
