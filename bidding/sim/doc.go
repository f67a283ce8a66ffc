// Package sim runs rules of bandwidth allocation in virtual swarms and markets.
//
// A [Swarm] has peers that come and go, each with an uplink, a downlink and a
// strategy, on a virtual clock in rounds of 10 s; every peer that has something to
// give decides with a [Rule], which has the signature of bidding.Allocate. A
// [Market] is one provider and its bidders in one round; it measures what lies
// gain. Both are functions of their seed. [Table] sets the rule of package bidding
// beside the slot auction of the BTT white paper and proportional shares.
//
// It is a model, not a network: payload flows as a fluid, pieces are always of
// interest, messages take no time. What it shows is how rules treat strategies.
package sim
