// Command story shows the window over made-up torrents: to look at it, to draw
// every view into files, and to measure what a long list costs.
//
//	story                 the window, live
//	story -n 5000         with 5,000 torrents that all change every second
//	story -png DIR        every view as a picture, in both languages and themes
package main
