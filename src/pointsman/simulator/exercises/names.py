"""Words that exercises are filled with."""

from __future__ import annotations

PEOPLE = (
    *("Amara", "Bruno", "Chiara", "Dmitri", "Elif", "Farid", "Greta", "Hana", "Ivan", "Jonas", "Kofi"),
    *("Leila", "Marek", "Nadia", "Olga", "Pablo", "Quentin", "Rosa", "Samir", "Tove", "Uma", "Viktor"),
)
CITIES = (
    *("Bergen", "Cork", "Dresden", "Evora", "Ghent", "Halle", "Izmir", "Krakow", "Leeds", "Malmo"),
    *("Nantes", "Oulu", "Porto", "Riga", "Split", "Turin", "Utrecht", "Varna", "York", "Zagreb"),
)
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
STOCK = (
    *("wagons in the depot", "books in the library", "rolls in the bakery", "crates in the orchard"),
    *("parcels in the warehouse", "chairs in the school hall", "containers in the harbour"),
    *("seedlings in the nursery", "bottles in the cellar", "bicycles at the station", "coats in the shop"),
    *("tins in the pantry", "sheets in the laundry", "tyres in the garage", "lamps in the showroom"),
    *("pallets on the quay", "tickets at the counter", "bricks on the site", "letters in the office"),
)
GOODS = (
    *("printer cartridges", "steel brackets", "garden chairs", "wool blankets", "desk lamps", "oak shelves"),
    *("water filters", "bicycle tubes", "paint rollers", "door handles", "copper pipes", "tea sets"),
)
FIRMS = (
    *("Aldine Supplies", "Brook & Vale", "Corvin Tools", "Delta Freight", "Eastgate Foods", "Fennel Paper"),
    *("Gable Works", "Harrow Optics", "Ibex Outdoor", "Juniper Tea", "Kestrel Parts", "Larch Timber"),
)
FUNCTIONS = ("settle", "fold", "gather", "measure", "sift", "tally", "weigh", "wind", "merge", "trace")
