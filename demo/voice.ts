import { tellObstacle } from './page/tell-obstacle.ts';
import { mountVoice } from './voice/events.ts';

mountVoice(document.querySelector('#voice')!);
document.documentElement.dataset.mounted = '';
void tellObstacle();
