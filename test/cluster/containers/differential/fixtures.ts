/** Files that lie in the folder of each script. */
export const FIXTURES: Readonly<Record<string, string>> = {
  'fruits.txt': 'apple\nbanana\ncherry\ndate\nelderberry\n',
  'table.csv': 'name,count,price\nplum,7,1.50\nfig,12,0.25\nkiwi,3,2.00\n',
  'words.txt': 'apple pie 3\nred apple\napple pie 3\n10 figs\n2 plums\n\nlast line here\n',
};
