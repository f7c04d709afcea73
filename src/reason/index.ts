// The reason room for library users: adders and multipliers in gate netlists.

export * from './exact/index.ts';
