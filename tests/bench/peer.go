// Go's file server, as a peer of the benchmarks: peer address root
package main

import (
	"log"
	"net/http"
	"os"
)

func main() {
	files := http.FileServer(http.Dir(os.Args[2]))
	log.Fatal(http.ListenAndServe(os.Args[1], files))
}
