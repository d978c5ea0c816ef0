// The human's word on memory: how a run ended, and that it is to be forgotten.
export const judge = {
  title: 'How it ended',
  rule: (outcome: string) => `${outcome} by the rule`,
  yours: 'You said so',
  back: 'Let the rule stand',
  text: 'Your word counts here: in lists, in search and for your agents. What is shared stays as it was signed.',
  forget: 'Forget',
  forgetTitle: (title: string) => `Forget “${title}”?`,
  forgetText: 'It goes with its log. A mark stays that holds neither, so that no import brings it back.',
  copies: (names: string) => `Copies that cannot be recalled: ${names}.`,
  forgetWarning: 'This cannot be undone.',
  forgetGo: 'Forget it',
  forgotten: 'Forgotten.',
};
