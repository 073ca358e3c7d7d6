// Go's file server, on the unix(7) socket of its first argument, with the root
// of its second.  It has no entity tags of its own: all files get this one.
package main

import (
	"log"
	"net"
	"net/http"
	"os"
)

func main() {
	files := http.FileServer(http.Dir(os.Args[2]))
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(listener, http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"go"`)
			files.ServeHTTP(w, r)
		})))
}
