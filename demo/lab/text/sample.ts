/** A tale to learn from, which repeats itself as tales do, so that a small network finds something in it soon. */
export const SAMPLE_TEXT = `The old lamp stood on the hill above the harbour, and every night it counted the boats.
One boat, two boats, three boats, four. When the last boat was home, the old lamp went to sleep.

One night the wind came down from the north. The wind said: how many boats are on the sea?
The old lamp said: one boat is home, two boats are home, three boats are home. One boat is on the sea.
Then wait, said the wind, and the old lamp waited. It waited while the rain came down on the hill.
It waited while the rain came down on the harbour. It waited until the rain was over and the night was still.

Then the moon came up above the sea. The moon said: how many boats are on the sea?
The old lamp said: one boat is home, two boats are home, three boats are home. One boat is on the sea.
Then wait, said the moon, and the old lamp waited. It waited while the moon went over the hill.
It waited while the moon went over the harbour. It waited until the moon was gone and the night was dark.

Then the morning came up from the east. The morning said: how many boats are on the sea?
The old lamp said: one boat is home, two boats are home, three boats are home. One boat is on the sea.
Then sleep, said the morning, for I am here now, and I can see further than you.
But the old lamp said: I have counted to three, and I cannot sleep before I have counted to four.

So the morning looked over the sea. It looked to the north, and there was no boat. It looked to the south, and
there was no boat. It looked to the west, and there, small as a bird and slow as a cloud, there was the last boat.
The wind had taken its sail, and the rain had taken its light, but it had seen the old lamp on the hill all night.

One boat, two boats, three boats, four. The last boat came home to the harbour, and the people came down to the sea.
They said: how did you find the harbour without a sail, without a light, without the moon?
The people of the last boat said: there was a light on the hill, and it waited for us.

The old lamp heard it, and it said nothing. It had counted to four. The wind went back to the north, and the moon
went back behind the sea, and the morning went over the hill and over the harbour.
And the old lamp on the hill above the harbour went to sleep.
`;
