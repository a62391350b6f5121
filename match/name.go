package match

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// plain has the Latin letters that Unicode does not take apart.
var plain = strings.NewReplacer("æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i")

// short is the length, in letters, of a word that keeps its vowels: without
// them Li, Lu and Le would be one name.
const short = 4

// sound is the form in which two spellings of a name agree: case, accents,
// punctuation and the order of the words don't count, nor do doubled letters,
// nor, in a longer word, which vowels are written. It is empty when nothing of
// the name is a letter or a digit.
func sound(name string) string {
	words := strings.FieldsFunc(plain.Replace(cases.Fold().String(bare(name))), func(r rune) bool {
		return !unicode.In(r, unicode.Letter, unicode.Mark, unicode.Number)
	})
	for i, word := range words {
		words[i] = skeleton(word)
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// bare takes accents and apostrophes off. A mark of one script alone, such as
// a vowel of Thai or Devanagari, is no accent and stays.
func bare(name string) string {
	return strings.Map(func(r rune) rune {
		accent := unicode.Is(unicode.Mn, r) && unicode.Is(unicode.Inherited, r)
		if accent || strings.ContainsRune("'’‘ʼʻ`´", r) {
			return -1
		}
		return r
	}, norm.NFKD.String(name))
}

// skeleton lets no letter stand twice in a row, and makes the vowels of a
// longer word one letter: Mohamed and Muhammad agree, Reyes and Reies too.
func skeleton(word string) string {
	letters := slices.Compact([]rune(word))
	if len(letters) <= short {
		return string(letters)
	}
	for i, r := range letters {
		if strings.ContainsRune("eiouy", r) {
			letters[i] = 'a'
		}
	}
	return string(slices.Compact(letters))
}
