// Package upload carries out the allocator's grants: it decides which queued
// request of which link is answered next.
//
// One goroutine, Upload.Run, releases requests block by block: deficit round
// robin over the links with the granted rates as weights (Shreedhar and Varghese,
// 1995), under a token bucket for the session and one for each torrent that has a
// limit. It is work-conserving: what a peer does not use flows to the others at
// once, and a peer that was briefly short of requests gets up to four blocks of
// its share back. Only payload counts against the limits.
//
// Choosing is pure (robin, bucket); the goroutine only asks the links and acts.
package upload
