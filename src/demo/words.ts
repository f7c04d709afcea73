// The vocabulary of the drawn lines: everyday words, written for this project, by part of speech.
// Refuses to hold anything but printable ASCII: every character is in the recogniser's alphabet.

const split = (text: string): readonly string[] => text.trim().split(/\s+/);

export const nouns = split(`
anchor apple arch atlas autumn axle bakery ballad barley basin basket beacon bellows bicycle blanket
bottle boulder bracket branch bridge bucket button cabin cable camera candle canvas carpet castle cedar
cellar chapel chimney circle clover cobalt coffee column compass copper corner cotton cradle crystal
current curtain dairy desert diagram dragon drawer eagle engine estuary evening fabric factory falcon
feather ferry fiddle filter finger flagstone forest fountain fragment freight furnace galaxy garden
gasket ginger glacier gravel griddle guitar hammer harbor harvest hazel hedge helmet hinge horizon
hornet insect island ivory jacket jasmine journal jungle kettle keyhole kitchen ladder lantern lattice
leather lemon lettuce library linen lobster locket lumber magnet mallet mantle marble market meadow
medal mercury mirror monsoon morning mosaic mountain museum napkin needle nickel nutmeg oatmeal ocean
orchard organ otter oyster paddle palace panther parcel parrot pasture pebble pencil pepper piano pigeon
pillow planet plaster pocket polygon poplar portrait pottery prairie puzzle quarry quartz quiver rabbit
radish railway raven ribbon river rocket saddle salmon sandal sapphire saucer scarlet season shadow
shelter shovel signal silver sketch spider spindle spring stable station steamer stencil summit sunset
table tailor temple thimble thunder timber tobacco tower tractor trumpet tunnel turbine turnip umbrella
valley velvet vessel village violin voyage wagon walnut warehouse water weather whistle willow window
winter workshop yarrow yogurt zephyr zipper
`);

export const adjectives = split(`
amber ancient bitter bold brief bright broad calm clever cold crooked curious damp dark deep distant dry
dusty eager early empty faint fancy fierce final flat fresh gentle golden grand green grey hasty heavy
hidden hollow honest humble jagged keen large late lively local lonely long loud lucky mellow mild modern
narrow neat new noble northern odd old open pale plain polished proud pure quick quiet rapid rare red
remote rough round royal rustic salty sharp shiny short silent simple sleepy slow small smooth soft solid
southern spare steady steep stiff strong sunny sweet swift tall tender thick thin tidy tiny upper vast
warm wide wild wooden yellow young
`);

export const verbs = split(`
answers arrives balances begins breaks burns carries closes counts covers crosses dries drifts drops ends
fades falls floats flows folds follows freezes gathers glows grows holds joins jumps keeps lands leads
leans leaves lifts melts moves needs opens passes pulls pushes reaches rests returns rings rises rolls
runs sails settles shines sings sinks sleeps spins splits stands starts stays stops swings travels turns
waits wanders warms works
`);

export const surnames = split(`
Abbott Barlow Castell Dunmore Eklund Farrow Greville Hartwig Iverson Jansen Kowal Lindqvist Marchetti
Novak Okafor Pereira Quigley Rosales Sandoval Thorne Ulrich Vasquez Weller Xander Yardley Zeller
`);

export const towns = split(`
Ashbourne Bergen Cadiz Delft Evora Florence Ghent Halifax Inverness Jasper Kyoto Lugano Malmo Nantes
Oxford Porto Quebec Rouen Salem Toledo Utrecht Verona Weimar York Zagreb
`);

export const months = split(`
January February March April May June July August September October November December
`);

export const units = split('kg mm cm km ml kW MHz dB GB pcs');
