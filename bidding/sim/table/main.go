// Command table prints the tables of package sim, for make bench.
package main

import (
	"flag"
	"log"
	"os"
	"time"

	"swarmbid/bidding/sim"
)

func main() {
	markets := flag.Int("markets", 600, "number of random markets")
	peers := flag.Int("peers", 400, "peers of the swarm")
	swarms := flag.Int("swarms", 3, "number of swarms of each setting")
	d := flag.Duration("time", 30*time.Minute, "virtual time of the swarm")
	flag.Parse()
	if err := sim.Table(os.Stdout, *markets, *peers, *d); err != nil {
		log.Fatal(err)
	}
	if err := sim.Strategic(os.Stdout, *swarms, *peers, *d); err != nil {
		log.Fatal(err)
	}
}
