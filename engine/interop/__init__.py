"""Documents that leave Attending: reports, study exports and study packs, cards for other registries."""
